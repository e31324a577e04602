"""Copies for Azure Application Insights. Never the only copy: what counts is in the database first."""
