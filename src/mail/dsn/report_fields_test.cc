// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/report_fields.h"

#include <gtest/gtest.h>

namespace anechoic::mail::dsn {
namespace {

TEST(ReportFields, GroupsWithoutEmptyLines) {
  const DeliveryStatus status = read_delivery_status(
      "Reporting-MTA: dns; a.example\nFinal-Recipient: rfc822; x@example.org\nAction: failed\nStatus: 5.1.1\n"
      "Final-Recipient: Rfc822;<y@example.org>\nAction: delayed\nStatus: 4.4.1\n");
  EXPECT_EQ(status.reporting_mta, "a.example");
  ASSERT_EQ(status.recipients.size(), 2U);
  EXPECT_EQ(status.recipients[0].final, "x@example.org");
  EXPECT_EQ(status.recipients[1].final, "y@example.org");
  EXPECT_EQ(status.recipients[1].action, "delayed");
}

TEST(ReportFields, ActionBeforeTheRecipientAndBlankLinesInside) {
  const DeliveryStatus status = read_delivery_status(
      "Action : failed\nStatus : 5.0.0\n\nFinal-Recipient : rfc/822;x@example.org\n\n\nReporting-MTA : "
      "dns;b.example\n");
  ASSERT_EQ(status.recipients.size(), 1U);
  EXPECT_EQ(status.recipients[0].final, "x@example.org");
  EXPECT_EQ(status.recipients[0].action, "failed");
  EXPECT_EQ(status.reporting_mta, "b.example");
}

TEST(ReportFields, UnfoldedContinuationsAndQuotes) {
  const DeliveryStatus status = read_delivery_status(
      "> Final-Recipient: rfc822; x@example.org\n> Diagnostic-Code: smtp; 550-no\n> 550 see https://x.example/ for "
      "why\n");
  ASSERT_EQ(status.recipients.size(), 1U);
  EXPECT_EQ(status.recipients[0].diagnostic, "550-no 550 see https://x.example/ for why");
  EXPECT_EQ(status.recipients[0].diagnostic_type, "smtp");
}

TEST(ReportFields, EncodedAddresses) {
  const DeliveryStatus status = read_delivery_status(
      "Original-Recipient: rfc822;a+2Bb+3Dc@example.org\nFinal-Recipient: utf-8;\\x{E4}@example.org\n");
  ASSERT_EQ(status.recipients.size(), 1U);
  EXPECT_EQ(status.recipients[0].original, "a+b=c@example.org");
  EXPECT_EQ(status.recipients[0].final, "\xC3\xA4@example.org");
}

TEST(ReportFields, HostsAreBareNames) {
  const DeliveryStatus status = read_delivery_status(
      "Reporting-MTA: dns; out.example.org. (Acme relay 7)\n\nFinal-Recipient: rfc822; bob@example.org\nAction: "
      "failed\n"
      "Remote-MTA: dns; mx.example.org. (192.0.2.9, the server for the domain\n example.org.)\n\n"
      "Final-Recipient: rfc822; eve@example.org\nRemote-MTA: dns; [192.0.2.9]\n");
  EXPECT_EQ(status.reporting_mta, "out.example.org");
  ASSERT_EQ(status.recipients.size(), 2U);
  EXPECT_EQ(status.recipients[0].remote_mta, "mx.example.org");
  EXPECT_EQ(status.recipients[1].remote_mta, "[192.0.2.9]");
}

TEST(ReportFields, NothingIsNobody) {
  EXPECT_TRUE(read_delivery_status("").recipients.empty());
  EXPECT_TRUE(read_delivery_status("Action: failed\nStatus: 5.1.1\n").recipients.empty());
  EXPECT_TRUE(read_delivery_status(std::string(100000, ':')).recipients.empty());
}

}  // namespace
}  // namespace anechoic::mail::dsn
