"""What is sent to and answered by /Enrollment (contract, sections 5 and 6)."""
