module "k3s" {
  source = "../../modules/k3s_install"

  host             = "192.0.2.7"
  user             = "ann"
  host_key         = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGxvY2FsLWV4YW1wbGUta2V5LW9ubHk"
  private_key_file = "~/.ssh/id_ed25519"
  kubeconfig_file  = "/root/.kube/k3s.yaml"
  nvidia           = true
}

output "kubeconfig_file" {
  value = module.k3s.kubeconfig_file
}
