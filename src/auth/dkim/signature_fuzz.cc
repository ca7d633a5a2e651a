// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "auth/dkim/signature.h"
#include "auth/records/tag_list.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using namespace anechoic::auth::dkim;
  using testing::require;
  const std::string_view text = testing::as_text(data, size);
  for (const SignatureKind kind : {SignatureKind::Dkim, SignatureKind::ArcMessage, SignatureKind::ArcSeal}) {
    const Signature signature = parse_signature(text, kind);
    for (const std::string& shown : {signature.wrong, signature.algorithm, signature.identity, signature.head})
      require(shown.size() <= 400 && printable(shown, 400) == shown, "printable and bounded");
    require(signature.headers.size() <= Signature::kMostHeaders, "bounded");
    if (!signature.wrong.empty()) continue;
    require(auth::TagList::parse(text).has_value(), "a tag list");
    require(signature.key && !signature.signature.empty(), "it can be checked");
    require(!signature.domain.empty() && !signature.selector.empty() && !signature.key_name.is_root(),
            "and its key found");
    require(kind == SignatureKind::ArcSeal || signature.body_hash.size() == 32, "a digest");
    require(signature.b.data() >= text.data() && signature.b.data() + signature.b.size() <= text.data() + text.size(),
            "b=");
    require(signature.b.data() > text.data() && *(signature.b.data() - 1) == '=', "begins behind its =");
    require(!signature.b.contains(';') && auth::decode_base64(signature.b) == signature.signature, "is its value");
    if (kind != SignatureKind::Dkim) continue;
    require(std::ranges::count(signature.headers, "from") > 0, "From is signed");
    require(signature.identity_domain.ends_with(signature.domain), "i= is within d=");
  }
  return 0;
}
