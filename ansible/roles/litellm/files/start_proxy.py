"""The LiteLLM proxy, imported without garbage collection.

It is over 4,000 modules: collecting between them takes a fifth of the time until it answers.
"""

import gc

gc.disable()
# The command line imports the server, which is most of it, only once it runs.
import litellm.proxy.proxy_server  # noqa: E402, F401
from litellm.proxy.proxy_cli import run_server  # noqa: E402

# What is imported stays for good; later collections need not look at it again.
gc.freeze()
gc.enable()

if __name__ == "__main__":
    run_server()
