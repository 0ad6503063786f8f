locals {
  playbooks = abspath(var.playbooks != "" ? var.playbooks : "${path.module}/../../../ansible")
  known     = var.port == 22 ? "${var.host} ${var.host_key}" : "[${var.host}]:${var.port} ${var.host_key}"
  # What is null is the role's own.
  settings = { for name, value in {
    k3s_names      = var.names
    k3s_nvidia     = var.nvidia
    k3s_kubeconfig = var.kubeconfig_file
    k3s_address    = var.host
    k3s_version    = try(var.release.version, null)
    k3s_checksums  = try(var.release.checksums, null)
    k3s_releases   = var.releases == "" ? null : var.releases
  } : name => value if value != null }
  # What reaches the host's SSH; the secret token is only in K3S_TOKEN of whoever runs Terraform.
  reach = {
    INVENTORY = jsonencode({ all = { hosts = { k3s = {
      ansible_host                 = var.host
      ansible_port                 = var.port
      ansible_user                 = var.user
      ansible_ssh_private_key_file = var.private_key_file
    } } } })
    KNOWN     = local.known
    PLAYBOOKS = local.playbooks
  }
  run = <<-SH
    set -eu
    umask 077
    folder="$(mktemp -d)"
    trap 'rm -rf "$folder"' EXIT
    printf '%s\n' "$KNOWN" > "$folder/known_hosts"
    printf %s "$INVENTORY" > "$folder/inventory.json"
    printf %s "$SETTINGS" > "$folder/settings.json"
    export ANSIBLE_HOST_KEY_CHECKING=True ANSIBLE_NOCOLOR=True
    export ANSIBLE_SSH_EXTRA_ARGS="-o UserKnownHostsFile=$folder/known_hosts -o StrictHostKeyChecking=yes"
    cd "$PLAYBOOKS"
    ansible-playbook --inventory="$folder/inventory.json" --extra-vars="@$folder/settings.json" "$PLAY"
  SH
}

# Two, so that other settings change the cluster, and only another host takes it off.
resource "terraform_data" "host" {
  triggers_replace = [var.host, var.port]
  input            = merge(local.reach, { RUN = local.run })

  provisioner "local-exec" {
    when        = destroy
    environment = merge(self.output, { SETTINGS = "{}", PLAY = "remove_k3s.yml" })
    interpreter = ["/bin/sh", "-c"]
    command     = "eval \"$RUN\""
  }
}

resource "terraform_data" "cluster" {
  input = {
    host       = terraform_data.host.output.KNOWN
    kubeconfig = var.kubeconfig_file
  }

  triggers_replace = sha256(jsonencode(local.settings))

  provisioner "local-exec" {
    environment = merge(local.reach, { SETTINGS = jsonencode(local.settings), PLAY = "install_k3s.yml" })
    interpreter = ["/bin/sh", "-c"]
    command     = local.run
  }
}
