"""From rows to what the templates document; reads only what an action or a policy has handed out."""
