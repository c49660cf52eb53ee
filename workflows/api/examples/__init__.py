"""Examples of bodies and answers for the OpenAPI description, by resource."""
