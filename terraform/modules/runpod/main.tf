locals {
  key = var.key_variable == "" ? {} : { (var.key_variable) = var.service_key }
  url = "https://${runpod_pod.server.id}-${var.port}.proxy.runpod.net"
}

# Its create-only arguments (template, data centers, CUDA versions, minimum RAM and CPUs, SSH, Jupyter) are left out:
# they are never read back, and after an import each would plan a replacement, which deletes the machine.
resource "runpod_pod" "server" {
  name              = var.name
  image             = var.image
  args              = var.args
  gpu_type_id       = var.gpu_type_id
  gpu_count         = var.gpu_count
  cloud             = var.cloud
  disk              = var.disk_gb
  persistent_volume = var.volume
  ports             = ["${var.port}/http"]
  env               = merge(var.env, local.key, { DEPLOYMENT_ID = var.deployment_id })
  desired_state     = "RUNNING"
}
