-- Run once by Postgres on an empty data folder: MLflow's database is the default one, the API has its own.
CREATE DATABASE inference;
