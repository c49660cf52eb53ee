"""Workflow → My Workflows: one file for each tab."""
