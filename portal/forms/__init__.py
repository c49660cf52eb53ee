"""What people type, checked for shape; whether it is allowed, the actions decide."""
