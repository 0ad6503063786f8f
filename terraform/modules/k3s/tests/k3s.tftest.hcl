variables {
  deployment_id = "churn-3f9a2c"
  kustomization = "{\"kind\": \"Kustomization\", \"resources\": [\"resources.json\"]}"
  resources     = "{\"kind\": \"List\", \"items\": []}"
}

run "plans_without_a_cluster" {
  command = plan

  assert {
    condition     = terraform_data.workload.input.url == "http://api.churn-3f9a2c.svc:8000"
    error_message = "The endpoint is the Service's name in the cluster."
  }
}

run "refuses_an_id_that_is_no_label" {
  command = plan

  variables {
    deployment_id = "kube_system"
  }

  expect_failures = [var.deployment_id]
}

run "refuses_what_is_no_list" {
  command = plan

  variables {
    resources = "kind: Pod"
  }

  expect_failures = [var.resources]
}

run "refuses_a_kustomization_that_is_no_json" {
  command = plan

  variables {
    kustomization = "resources: [\"https://example.com\"]"
  }

  expect_failures = [var.kustomization]
}
