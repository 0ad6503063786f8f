"""Who is not let in, and why; as callers see it."""

from gateway.errors import GatewayError, NotFound


class Unauthorized(GatewayError):
    """{reason}."""

    status = 401
    code = "unauthorized"
    fix = "Send `Authorization: Bearer <key>`."


class Forbidden(GatewayError):
    """This key's role here is {role}, which may not {permission}."""

    status = 403
    code = "forbidden"
    fix = "Ask an operator for a key with another role, or for other deployments."


class SessionReused(Unauthorized):
    """This session was renewed from elsewhere too, so it was ended."""

    code = "session_reused"
    fix = "Sign in again; `mlops audit` tells from where it was."


class UnknownSession(NotFound):
    """There is no session {id!r} that is still open."""

    code = "unknown_session"
    fix = "`mlops access sessions ls` lists those there are."


class UnknownKey(NotFound):
    """There is no API key {name!r}."""

    code = "unknown_key"
    fix = "`mlops access keys ls` lists the keys there are."


class KeyNameTaken(GatewayError):
    """There is an API key {name!r} already."""

    status = 409
    code = "key_name_taken"
    fix = "Choose another name, or end that one first: `mlops access keys revoke NAME`."


class BadSignature(Unauthorized):
    """The event was not accepted."""

    fix = "Sign `<webhook-id>.<webhook-timestamp>.<body>` with the shared secret, each id once."


class SignInRefused(GatewayError):
    """The sign-in did not work: {reason}."""

    status = 401
    code = "sign_in_refused"
    fix = "Try again from the sign-in page."


class NoRole(SignInRefused):
    """{name} is known, and has no role here."""

    status = 403
    code = "no_role"
    fix = "An operator gives one, by a group or an address: OIDC_ROLES of the gateway."


class ProviderUnreachable(SignInRefused):
    """The provider {issuer} cannot be asked: {reason}."""

    status = 503
    code = "provider_unreachable"
    fix = "Try again later, or sign in with a key; OIDC_ISSUER names the provider."


class AuditTampered(GatewayError):
    """The audit log is not what was written: {reason}. Nothing was changed."""

    status = 409
    code = "audit_tampered"
    fix = (
        "`mlops audit verify` tells more. Sealed anew, the log would hide it: look into that first."
    )
