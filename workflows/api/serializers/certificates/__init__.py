"""What is sent to and answered by /Certificates (contract, section 6)."""
