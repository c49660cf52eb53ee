# Countersign: `make help` lists the targets.
PYTHON ?= python3
PORT ?= 8000
DATA ?= var

.DEFAULT_GOAL := help
.PHONY: help

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 16
