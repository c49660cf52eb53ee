"""The step types, one file each; `workflows.apps` imports every module of this package."""
