"""The verbs of the product, each written once: authorise, validate, change, audit, announce on commit."""
