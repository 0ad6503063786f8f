"""What is asked of running parts when people ask whether all is well."""
