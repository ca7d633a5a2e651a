// SPDX-License-Identifier: Apache-2.0
#include "outside/net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <memory>
#include <utility>

namespace anechoic::net {

namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using OwnedContext = std::unique_ptr<SSL_CTX, FreeContext>;

std::string openssl_words() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown OpenSSL error";
}

// OpenSSL's own words for a file that can't be opened name neither file nor reason.
Result<void> check_readable(const std::string& file, const char* what) {
  struct CloseFile {
    void operator()(std::FILE* opened) const { (void)std::fclose(opened); }
  };
  const std::unique_ptr<std::FILE, CloseFile> opened(std::fopen(file.c_str(), "re"));
  if (!opened) return fail_errno(std::string(what) + " \"" + file + "\" can't be read", errno);
  return {};
}

Result<OwnedContext> make_context(const SSL_METHOD* method) {
  ERR_clear_error();
  OwnedContext context(SSL_CTX_new(method));
  if (!context) return fail(Errc::Exhausted, "no TLS context could be made: " + openssl_words());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // One recv() a record instead of two; the buffer is released when it is empty all the same.
  SSL_CTX_set_read_ahead(context.get(), 1);
  // Tickets resume sessions; the cache would only hold memory.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::server(const std::string& certificate_file,
                                                             const std::string& key_file) {
  if (auto readable = check_readable(certificate_file, "TLS certificate"); !readable) {
    return std::unexpected(readable.error());
  }
  if (auto readable = check_readable(key_file, "TLS key"); !readable) return std::unexpected(readable.error());
  Result<OwnedContext> context = make_context(TLS_server_method());
  if (!context) return std::unexpected(context.error());
  if (SSL_CTX_use_certificate_chain_file(context->get(), certificate_file.c_str()) != 1) {
    return fail(Errc::Syntax,
                "\"" + certificate_file + "\" is no PEM certificate chain (leaf first): " + openssl_words());
  }
  if (SSL_CTX_use_PrivateKey_file(context->get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(Errc::Syntax, "\"" + key_file + "\" is no PEM private key without a pass phrase, or not the key of \"" +
                                  certificate_file + "\": " + openssl_words());
  }
  if (SSL_CTX_check_private_key(context->get()) != 1) {
    return fail(Errc::Syntax, "\"" + key_file + "\" is not the key of \"" + certificate_file + "\"");
  }
  SSL_CTX_set_options(context->get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(context->get(), 1);
  return std::shared_ptr<const TlsContext>(new TlsContext(context->release(), false));
}

Result<std::shared_ptr<const TlsContext>> TlsContext::client(bool verify, const std::string& ca_file) {
  Result<OwnedContext> context = make_context(TLS_client_method());
  if (!context) return std::unexpected(context.error());
  if (verify) {
    if (ca_file.empty()) {
      SSL_CTX_set_default_verify_paths(context->get());
    } else {
      if (auto readable = check_readable(ca_file, "CA file"); !readable) return std::unexpected(readable.error());
      if (SSL_CTX_load_verify_locations(context->get(), ca_file.c_str(), nullptr) != 1) {
        return fail(Errc::Syntax, "\"" + ca_file + "\" holds no PEM certificates: " + openssl_words());
      }
    }
  }
  SSL_CTX_set_verify(context->get(), verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  return std::shared_ptr<const TlsContext>(new TlsContext(context->release(), verify));
}

std::optional<TlsContext::Validity> TlsContext::validity() const {
  const X509* leaf = SSL_CTX_get0_certificate(context_);
  if (leaf == nullptr) return std::nullopt;
  const auto moment = [](const ASN1_TIME* time) -> std::optional<WallTime> {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
    return WallTime(std::chrono::seconds(::timegm(&parts)));
  };
  const auto from = moment(X509_get0_notBefore(leaf));
  const auto until = moment(X509_get0_notAfter(leaf));
  if (!from || !until) return std::nullopt;
  return Validity{*from, *until};
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

}  // namespace anechoic::net
