"""Scripts, flows, apps, resources, variables, folders: what a workspace holds."""
