"""What a person types: one file per stage. Each imports its stage inside the command, because MLflow takes seconds
to import and `--help` should not wait for it.
"""
