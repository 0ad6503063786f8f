"""The pages and ways by which people sign in, and the sessions they get."""
