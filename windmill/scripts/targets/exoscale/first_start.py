"""What an instance does at its first start: it installs Docker and runs the server's image.

It is a cloud-config. What a pipeline says stands in it as data: cloud-init quotes each word of a
command that is given as a list, and YAML is written by its own library.
"""

import shlex

import yaml
from pydantic import SecretStr

from ..pods import WORKSPACE
from ..rental.errors import OrderRefused
from ..rental.provider import Server
from .api import LONGEST_USER_DATA
from .refusals import PROVIDER

SYSTEM = "Linux Ubuntu 24.04 LTS 64-bit"
VOLUME = "/var/lib/mlops/workspace"
GPU_SCRIPT = "/usr/local/sbin/mlops-gpu"
# Source: Ubuntu's server guide (NVIDIA drivers) and the guide of NVIDIA's container toolkit,
# which Ubuntu does not hold. The driver fits the card that is found.
GPU = """\
#!/bin/sh
set -eu
export DEBIAN_FRONTEND=noninteractive
ubuntu-drivers install --gpgpu
key=/usr/share/keyrings/nvidia-container-toolkit.gpg
site=https://nvidia.github.io/libnvidia-container
curl -fsSL --retry 5 "$site/gpgkey" | gpg --dearmor --yes -o "$key"
echo "deb [signed-by=$key] $site/stable/deb/amd64 /" >/etc/apt/sources.list.d/nvidia.list
apt-get update
apt-get install -y nvidia-container-toolkit
nvidia-ctk runtime configure --runtime=docker
modprobe nvidia
modprobe nvidia-uvm
systemctl restart docker
"""

AGAIN_SCRIPT = "/usr/local/sbin/mlops-again"
# What is fetched may fail for a while; nobody is there to start it again.
AGAIN = """\
#!/bin/sh
for pause in 5 15 60 120; do
  "$@" && exit 0
  sleep "$pause"
done
exec "$@"
"""


def cloud_config(server: Server) -> SecretStr:
    """Raises OrderRefused for what no program can be told, or is too long for the vendor."""
    image = [AGAIN_SCRIPT, "docker", "pull", "--", server.pod.image]
    steps = [[AGAIN_SCRIPT, GPU_SCRIPT], ["mkdir", "-p", VOLUME], image, docker_run(server)]
    if not all(_can_be_given(word) for step in steps for word in step):
        raise OrderRefused(PROVIDER, "a value holds what no program can be given: a NUL or no text")
    config = {
        "hostname": "mlops",
        "package_update": True,
        "packages": ["docker.io", "curl", "gnupg", "ubuntu-drivers-common"],
        "write_files": [
            {"path": path, "permissions": "0755", "content": content}
            for path, content in ((GPU_SCRIPT, GPU), (AGAIN_SCRIPT, AGAIN))
        ],
        "runcmd": steps,
    }
    text = "#cloud-config\n" + yaml.safe_dump(config, width=100_000, sort_keys=False)
    if 4 * len(text) / 3 + 4 > LONGEST_USER_DATA:
        raise OrderRefused(
            PROVIDER, f"what it is to run takes {len(text)} bytes, which is too long"
        )
    return SecretStr(text)


def docker_run(server: Server) -> list[str]:
    """The server comes back when the machine is started again."""
    pod = server.pod
    env = dict(pod.env)
    if pod.key_variable:
        env[pod.key_variable] = server.key.get_secret_value()
    return [
        *("docker", "run", "--detach", "--name=mlops", "--restart=unless-stopped", "--gpus=all"),
        *("--shm-size=8g", f"--publish={pod.port}:{pod.port}", f"--volume={VOLUME}:{WORKSPACE}"),
        *(f"--env={name}={value}" for name, value in env.items()),
        *("--", pod.image, *shlex.split(pod.args)),
    ]


def _can_be_given(word: str) -> bool:
    try:
        return b"\0" not in word.encode()
    except UnicodeEncodeError:
        return False
