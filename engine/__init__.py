"""The embedded Windmill: OpenFlow and Python scripts on one machine, behind Windmill's REST API."""
