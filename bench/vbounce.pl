#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# SpamAssassin with nothing but its VBounce plugin and rules, for bench/classify. Reads paths on stdin, one a line; prints
# one JSON object: how many messages, seconds, how many hit each rule.
use strict;
use warnings;
use Time::HiRes qw(time);
use Mail::SpamAssassin;

my $rules = '/usr/share/spamassassin/20_vbounce.cf';
open(my $in, '<', $rules) or die "vbounce.pl: no $rules: apt-get install spamassassin\n";
my $text = do { local $/; <$in> };
my $spamassassin = Mail::SpamAssassin->new({
  config_text => "loadplugin Mail::SpamAssassin::Plugin::Check\nloadplugin Mail::SpamAssassin::Plugin::VBounce\nwelcomelist_bounce_relays relay.invalid\n$text",
  local_tests_only => 1, debug => 0, dont_copy_prefs => 1, userstate_dir => '/nonexistent',
});
$spamassassin->compile_now(0);

my @messages;
while (my $name = <STDIN>) {
  chomp $name;
  open(my $file, '<:raw', $name) or next;
  local $/;
  push @messages, scalar <$file>;
}
my (%hits, $any);
my $start = time;
for my $message (@messages) {
  my $mail = $spamassassin->parse($message);
  my $status = $spamassassin->check($mail);
  my $names = $status->get_names_of_tests_hit();
  $hits{$_}++ for split(/,/, $names);
  $status->finish();
  $mail->finish();
}
my $took = time - $start;
printf '{"messages": %d, "seconds": %.3f, "found": %d, "bounces": %d, "challenges": %d, "virus_notices": %d}' . "\n", scalar @messages, $took,
  $hits{ANY_BOUNCE_MESSAGE} // 0, $hits{BOUNCE_MESSAGE} // 0, $hits{CRBOUNCE_MESSAGE} // 0, $hits{VBOUNCE_MESSAGE} // 0;
