locals {
  url = "http://api.${var.deployment_id}.svc:8000"
}

# The Kubernetes provider would need the cluster at plan time, and would keep what it is told in the state. kubectl finds
# the way there in MLOPS_KUBECONFIG, which whoever runs Terraform sets; the worker's own ~/.kube is never used.
resource "terraform_data" "namespace" {
  input = var.deployment_id

  # By its labels: a namespace of somebody else's is never deleted, and one that is gone is no error.
  provisioner "local-exec" {
    when        = destroy
    environment = { DEPLOYMENT = self.input }
    command     = <<-SH
      set -eu
      export KUBECONFIG="$${MLOPS_KUBECONFIG:?names no kubeconfig}"
      kubectl delete namespace --wait --timeout=300s \
        --selector="app.kubernetes.io/managed-by=mlops,app.kubernetes.io/instance=$DEPLOYMENT"
    SH
  }
}

resource "terraform_data" "workload" {
  input = {
    namespace = terraform_data.namespace.output
    url       = local.url
  }

  triggers_replace = sha256(jsonencode([var.kustomization, var.resources, var.pipeline]))

  # What is applied is data in the environment: none of it is part of a command. An old graph stays, for
  # pods that have not ended yet.
  provisioner "local-exec" {
    environment = {
      DEPLOYMENT    = var.deployment_id
      KUSTOMIZATION = var.kustomization
      RESOURCES     = var.resources
      PIPELINE      = var.pipeline
    }
    command = <<-SH
      set -eu
      export KUBECONFIG="$${MLOPS_KUBECONFIG:?names no kubeconfig}"
      umask 077
      folder="$(mktemp -d)"
      trap 'rm -rf "$folder"' EXIT
      printf %s "$KUSTOMIZATION" > "$folder/kustomization.yaml"
      printf %s "$RESOURCES" > "$folder/resources.json"
      printf %s "$PIPELINE" > "$folder/pipeline.json"
      kubectl apply --server-side --force-conflicts --field-manager=mlops --kustomize="$folder"
    SH
  }
}
