// SPDX-License-Identifier: Apache-2.0
// Self-signed certificates for tests, made on the spot.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace anechoic::testing {

struct Certificate {
  std::string certificate_file;
  std::string key_file;
};

// Writes STEM.crt and STEM.key into `directory`; valid for an hour for `name` and 127.0.0.1.
inline Certificate make_certificate(const std::filesystem::path& directory, const std::string& stem,
                                    const std::string& name) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  const std::string names = "DNS:" + name + ",IP:127.0.0.1";
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
  X509_add_ext(certificate.get(), extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate.get(), key.get(), EVP_sha256());

  const Certificate files{directory / (stem + ".crt"), directory / (stem + ".key")};
  std::FILE* out = std::fopen(files.certificate_file.c_str(), "we");
  if (out == nullptr) throw std::runtime_error(files.certificate_file);
  PEM_write_X509(out, certificate.get());
  (void)std::fclose(out);
  out = std::fopen(files.key_file.c_str(), "we");
  if (out == nullptr) throw std::runtime_error(files.key_file);
  PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  (void)std::fclose(out);
  return files;
}

}  // namespace anechoic::testing
