// SPDX-License-Identifier: Apache-2.0
// GMime as the second opinion: on well-formed mail both must see the same parts, octets and words
// (docs/decisions/0006-own-mime-scanner.md).
#include <gmime/gmime.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "base/ascii.h"
#include "mail/date.h"
#include "mail/encoded_word.h"
#include "mail/header_address.h"
#include "mail/mime/message.h"
#include "mail/transfer_encoding.h"

namespace anechoic::mail {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
using Parsed = std::unique_ptr<GMimeMessage, Unref>;

Parsed parse(std::string_view bytes) {
  g_mime_init();
  GMimeStream* const stream = g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size());
  GMimeParser* const parser = g_mime_parser_new_with_stream(stream);
  g_mime_parser_set_format(parser, bytes.starts_with("From ") ? GMIME_FORMAT_MBOX : GMIME_FORMAT_MESSAGE);
  Parsed message(g_mime_parser_construct_message(parser, nullptr));
  g_object_unref(parser);
  g_object_unref(stream);
  return message;
}

// One line a part, "depth type/subtype octets". Ours has a child for text/rfc822-headers, GMime has none.
void tree_of(GMimeObject* object, unsigned depth, std::string& out) {
  GMimeContentType* const type = g_mime_object_get_content_type(object);
  const std::string name =
      std::string(g_mime_content_type_get_media_type(type)) + "/" + g_mime_content_type_get_media_subtype(type);
  out += std::to_string(depth) + " " + ascii::lower(name) + "\n";
  if (GMIME_IS_MULTIPART(object)) {
    for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); ++i) {
      tree_of(g_mime_multipart_get_part(GMIME_MULTIPART(object), i), depth + 1, out);
    }
  } else if (GMIME_IS_MESSAGE_PART(object)) {
    tree_of(g_mime_message_get_mime_part(g_mime_message_part_get_message(GMIME_MESSAGE_PART(object))), depth + 1, out);
  }
}

std::string tree_of(const Message& message) {
  std::string out;
  for (const Part& part : message.parts) {
    if (part.parent != Part::kNone && message.parts[part.parent].type.subtype == "rfc822-headers") continue;
    out += std::to_string(part.depth) + " " + part.type.type + "/" + part.type.subtype + "\n";
  }
  return out;
}

std::filesystem::path corpora() {
  const char* const given = std::getenv("ANECHOIC_CORPORA");
  return given != nullptr ? std::filesystem::path(given)
                          : std::filesystem::path(ANECHOIC_SOURCE_DIR).parent_path() / "shared/corpora";
}

TEST(SecondOpinion, OrdinaryMailHasTheSamePartsAndSubject) {
  const auto ham = corpora() / "ham";
  if (!std::filesystem::is_directory(ham)) {
    GTEST_SKIP() << "not held: corpora absent (" << ham << ")";
  }
  std::size_t count = 0;
  std::size_t other_tree = 0;
  std::size_t other_subject = 0;
  std::size_t other_sender = 0;
  std::size_t other_date = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(ham)) {
    if (!entry.is_regular_file() || entry.path().string().contains("/spam/")) continue;
    // Every eleventh: this runs with the sanitizers.
    if (++count % 11 != 0) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const Parsed theirs = parse(bytes);
    if (!theirs) continue;
    const Message ours = scan_message(bytes);
    std::string tree;
    tree_of(g_mime_message_get_mime_part(theirs.get()), 0, tree);
    other_tree += tree == tree_of(ours) ? 0 : 1;
    // Folds differ by taste: GMime keeps the blanks.
    const char* const subject = g_mime_message_get_subject(theirs.get());
    const auto words = [](std::string_view text) {
      std::string out;
      std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return c != ' ' && c != '\t'; });
      return out;
    };
    other_subject +=
        words(subject == nullptr ? "" : subject) == words(decode_words(ours.header().value("Subject"))) ? 0 : 1;
    InternetAddressList* const list = g_mime_message_get_addresses(theirs.get(), GMIME_ADDRESS_TYPE_FROM);
    if (list != nullptr && internet_address_list_length(list) == 1) {
      InternetAddress* const one = internet_address_list_get_address(list, 0);
      const char* const address =
          INTERNET_ADDRESS_IS_MAILBOX(one) ? internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)) : nullptr;
      other_sender += address != nullptr && same_mailbox(address, first_address(ours.header().value("From"))) ? 0 : 1;
    }
    if (GDateTime* const date = g_mime_message_get_date(theirs.get())) {
      const auto at = parse_date(ours.header().value("Date"));
      const bool same =
          at && std::chrono::floor<std::chrono::seconds>(*at).time_since_epoch().count() == g_date_time_to_unix(date);
      other_date += same ? 0 : 1;
    }
  }
  EXPECT_GT(count, 2000U);
  EXPECT_EQ(other_tree, 0U);
  EXPECT_EQ(other_subject, 0U);
  EXPECT_EQ(other_sender, 0U);
  EXPECT_EQ(other_date, 0U);
}

std::string encoded(const std::string& octets, GMimeContentEncoding encoding) {
  GMimeEncoding state;
  g_mime_encoding_init_encode(&state, encoding);
  std::string out(g_mime_encoding_outlen(&state, octets.size()) + 100, '\0');
  out.resize(g_mime_encoding_flush(&state, octets.data(), octets.size(), out.data()));
  return out;
}

TEST(SecondOpinion, WhatGMimeEncodesWeDecode) {
  std::mt19937 dice(3834);
  for (int round = 0; round < 200; ++round) {
    std::string octets(dice() % 2000, '\0');
    for (char& c : octets) c = static_cast<char>(round % 2 == 0 ? dice() % 256 : ' ' + dice() % 95);
    EXPECT_EQ(decode_base64(encoded(octets, GMIME_CONTENT_ENCODING_BASE64), octets.size()), octets);
    EXPECT_EQ(
        decode_uuencode("begin 644 x\n" + encoded(octets, GMIME_CONTENT_ENCODING_UUENCODE) + "end\n", octets.size()),
        octets);
    // Quoted-printable says nothing of lone line ends; those are text's.
    std::erase_if(octets, [](char c) { return c == '\r' || c == '\n'; });
    EXPECT_EQ(decode_quoted_printable(encoded(octets, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE), octets.size()), octets);
  }
}

TEST(SecondOpinion, WhatGMimeWritesWeRead) {
  g_mime_init();
  for (const char* const text :
       {"plain", "gr\xC3\xBC\xC3\x9F dich", "\xE3\x83\x86\xE3\x82\xB9\xE3\x83\x88 mail", "a =?b?= c",
        "\xD0\xBF\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82, \xD0\xBC\xD0\xB8\xD1\x80! A longer one that has to be "
        "folded somewhere \xD0\xBF"}) {
    for (const char* const charset : {"utf-8", "iso-8859-1", "koi8-r", "iso-2022-jp"}) {
      char* const header = g_mime_utils_header_encode_text(nullptr, text, charset);
      EXPECT_EQ(decode_words(header), text) << header;
      g_free(header);
    }
  }
}

}  // namespace
}  // namespace anechoic::mail
