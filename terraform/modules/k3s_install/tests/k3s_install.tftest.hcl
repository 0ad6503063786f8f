variables {
  host             = "192.0.2.7"
  host_key         = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ"
  private_key_file = "/root/.ssh/id_ed25519"
  kubeconfig_file  = "/tmp/kubeconfig"
}

run "plans_without_a_host" {
  command = plan

  assert {
    condition     = output.url == "https://192.0.2.7:6443"
    error_message = "The cluster answers at its host."
  }

  assert {
    condition     = terraform_data.host.input.KNOWN == "192.0.2.7 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ"
    error_message = "The host's key is known beforehand."
  }
}

run "another_port_has_a_key_of_its_own" {
  command = plan

  variables {
    port = 2222
  }

  assert {
    condition     = startswith(terraform_data.host.input.KNOWN, "[192.0.2.7]:2222 ")
    error_message = "known_hosts tells ports apart."
  }
}

run "refuses_a_host_that_is_an_option" {
  command = plan

  variables {
    host = "-oProxyCommand=id"
  }

  expect_failures = [var.host]
}

run "refuses_a_host_key_of_two_lines" {
  command = plan

  variables {
    host_key = "ssh-ed25519 AAAA\n* ssh-ed25519 BBBB"
  }

  expect_failures = [var.host_key]
}

run "refuses_a_release_without_whole_checksums" {
  command = plan

  variables {
    release = { version = "v1.36.4+k3s1", checksums = { x86_64 = "835873f3" } }
  }

  expect_failures = [var.release]
}

run "refuses_a_name_that_is_a_template" {
  command = plan

  variables {
    names = ["{{ lookup('pipe', 'id') }}"]
  }

  expect_failures = [var.names]
}
