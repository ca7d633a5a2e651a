// SPDX-License-Identifier: Apache-2.0
#include "app/generation.h"

#include <algorithm>

#include "judge/verdict/reasons.h"
#include "outside/recipients/probe_source.h"

namespace anechoic::app {

namespace {

constexpr std::chrono::seconds kLookAtFiles{2};

class Maker {
 public:
  Maker(config::Loaded loaded, const Generation* before, Shared& shared, recipients::Prober& prober)
      : made_(std::make_shared<Generation>()), before_(before), shared_(shared), prober_(prober) {
    made_->loaded = std::move(loaded);
  }

  Result<std::shared_ptr<Generation>> make() {
    keep_state_dir();
    made_->options = std::make_shared<gateway::Options>(settings().inbound.options);
    if (const auto tls = certificate(); !tls) return std::unexpected(tls.error());
    for (const config::Backend& backend : settings().backends)
      if (const auto done = add(backend); !done) return std::unexpected(done.error());
    for (const config::RecipientSource& source : settings().sources) add(source);
    auto table = std::make_shared<recipients::SourceTable>();
    for (const config::Domain& domain : settings().domains)
      for (const std::string& name : domain.recipients) (*table)[domain.name].push_back(made_->sources.at(name));
    for (const config::Domain& domain : settings().domains)
      if (domain.recipients.empty() && !domain.catch_all) (*table)[domain.name].push_back(backend_itself());
    made_->table = std::move(table);
    made_->watcher = std::make_unique<recipients::ListWatcher>(made_->lists, kLookAtFiles);
    return made_;
  }

 private:
  [[nodiscard]] const config::Settings& settings() const { return made_->loaded.settings; }

  // Another state_dir needs a restart: until then its folders need not exist, and bodies go where they went.
  void keep_state_dir() {
    if (before_ == nullptr) return;
    config::Settings& now = made_->loaded.settings;
    now.state_dir = before_->settings().state_dir;
    now.inbound.options.spool.directory = before_->settings().inbound.options.spool.directory;
  }

  Result<void> certificate() {
    const config::Inbound& inbound = settings().inbound;
    if (inbound.tls_certificate.empty()) return {};
    if (before_ != nullptr && before_->certificate &&
        before_->settings().inbound.tls_certificate == inbound.tls_certificate &&
        before_->settings().inbound.tls_key == inbound.tls_key) {
      made_->certificate = before_->certificate;
      if (const auto checked = made_->certificate->check(); !checked) return std::unexpected(checked.error());
      return {};
    }
    auto opened = net::CertificateWatch::open(inbound.tls_certificate, inbound.tls_key);
    if (!opened) return std::unexpected(opened.error());
    made_->certificate = std::move(*opened);
    return {};
  }

  Result<void> add(const config::Backend& backend) {
    if (before_ != nullptr && before_->settings().hostname == settings().hostname) {
      const config::Backend* former = before_->settings().backend(backend.name);
      if (former != nullptr && *former == backend && maildir_rules(backend) == former_rules(backend)) {
        made_->backends.push_back(*std::ranges::find(before_->backends, backend.name, &BackendParts::name));
        return {};
      }
    }
    BackendParts parts{.name = backend.name, .group = {}, .delivery = {}};
    if (backend.is_maildir()) {
      maildir::Options options;
      options.directory = backend.to.front().path;
      options.hostname = settings().hostname;
      std::tie(options.subaddress, options.fold_case) = maildir_rules(backend);
      parts.delivery = std::make_shared<maildir::Delivery>(options, shared_.clock);
      if (const auto ready = parts.delivery->prepare(); !ready) return ready;
      parts.delivery->remove_leftovers();
    } else {
      std::vector<std::string> urls;
      for (const config::BackendAddress& address : backend.to) urls.push_back(address.text);
      auto group = smtp_client::Group::make(urls, client_options(backend, settings().hostname));
      if (!group) return std::unexpected(group.error());
      parts.group = std::move(*group);
    }
    made_->backends.push_back(std::move(parts));
    return {};
  }

  // How a Maildir's folders are named follows the source that says who exists.
  static std::pair<std::string, bool> rules_of(const config::Settings& settings, const config::Backend& backend) {
    for (const config::Domain& domain : settings.domains) {
      if (domain.backend != backend.name || domain.recipients.empty()) continue;
      const config::RecipientSource& source = *settings.source(domain.recipients.front());
      return {source.subaddress, !source.case_sensitive};
    }
    return {"+", true};
  }
  std::pair<std::string, bool> maildir_rules(const config::Backend& backend) const {
    return rules_of(settings(), backend);
  }
  std::pair<std::string, bool> former_rules(const config::Backend& backend) const {
    return rules_of(before_->settings(), backend);
  }

  void add(const config::RecipientSource& source) {
    std::shared_ptr<recipients::Source> made = former(source);
    if (!made) made = source.probe ? make_probe(source) : make_list(source);
    if (auto list = std::dynamic_pointer_cast<recipients::AddressList>(made)) made_->lists.push_back(std::move(list));
    made_->sources.emplace(source.name, std::move(made));
  }

  std::shared_ptr<recipients::Source> former(const config::RecipientSource& source) const {
    if (before_ == nullptr) return nullptr;
    const config::RecipientSource* old = before_->settings().source(source.name);
    if (old == nullptr || !(*old == source)) return nullptr;
    return before_->sources.at(source.name);
  }

  recipients::AlarmSink alarm_sink() {
    return [&shared = shared_](const recipients::Alarm& alarm) {
      if (alarm.over) {
        shared.alarms.over(judge::reasons::kSourceDown, alarm.source, alarm.text);
      } else {
        shared.alarms.raise(judge::reasons::kSourceDown, alarm.source, alarm.text);
      }
    };
  }

  static std::optional<mail::Mailbox> canary_of(const config::RecipientSource& source) {
    if (source.canary.empty()) return std::nullopt;
    return *mail::parse_mailbox(source.canary, mail::Utf8::Allowed);  // the loader has looked at it
  }

  std::shared_ptr<recipients::Source> make_list(const config::RecipientSource& source) {
    recipients::AddressListOptions options{
        .name = source.name,
        .path = source.file,
        .mode = source.mode,
        .canary = canary_of(source),
        .rules = {.case_sensitive = source.case_sensitive, .subaddress = source.subaddress}};
    auto list = std::make_shared<recipients::AddressList>(std::move(options), alarm_sink(), shared_.clock);
    list->load_if_changed();
    if (const auto wrong = list->wrong()) shared_.alarms.raise(judge::reasons::kSourceDown, source.name, *wrong);
    shared_.log->event(observe::Level::Info, "recipients-loaded",
                       {{"source", source.name}, {"file", source.file}, {"addresses", list->size()}});
    return list;
  }

  std::shared_ptr<recipients::Source> make_probe(const config::RecipientSource& source) {
    recipients::ProbeOptions options;
    options.name = source.name;
    options.mode = source.mode;
    options.canary = canary_of(source);
    options.case_sensitive = source.case_sensitive;
    options.positive_lifetime = std::chrono::ceil<std::chrono::seconds>(source.positive_lifetime);
    options.negative_lifetime = std::chrono::ceil<std::chrono::seconds>(source.negative_lifetime);
    options.probes = source.probes;
    const recipients::ProbeSource::Ports ports{.prober = prober_,
                                               .store = shared_.recipient_cache.get(),
                                               .clock = shared_.clock,
                                               .alarm = alarm_sink(),
                                               .random = random_bits};
    auto probe = std::make_shared<recipients::ProbeSource>(std::move(options), ports);
    if (const auto loaded = probe->load(); !loaded)
      shared_.log->event(observe::Level::Warning, "recipient-cache-unread",
                         {{"source", source.name}, {"why", loaded.error().detail}});
    return probe;
  }

  // A domain without a source, for which the operator has not said catch_all, is only looked at for a backend that
  // accepts everything (R9); the live RCPT decides all else, so the mode is observe.
  std::shared_ptr<recipients::Source> backend_itself() {
    std::shared_ptr<recipients::Source>& source = made_->backend_itself;
    if (source == nullptr && before_ != nullptr) source = before_->backend_itself;
    if (source == nullptr) {
      config::RecipientSource probe;
      probe.name = "(backend)";
      probe.probe = true;
      const recipients::ProbeOptions usual;
      probe.positive_lifetime = usual.positive_lifetime;
      probe.negative_lifetime = usual.negative_lifetime;
      probe.probes = usual.probes;
      source = make_probe(probe);
    }
    return source;
  }

  std::shared_ptr<Generation> made_;
  const Generation* before_;
  Shared& shared_;
  recipients::Prober& prober_;
};

}  // namespace

smtp_client::Options client_options(const config::Backend& backend, const std::string& hostname) {
  smtp_client::Options options;
  options.hostname = hostname;
  options.tls = backend.verify                           ? smtp_client::Tls::Verified
                : backend.tls == smtp::TlsUse::Never     ? smtp_client::Tls::Never
                : backend.tls == smtp::TlsUse::IfOffered ? smtp_client::Tls::IfOffered
                                                         : smtp_client::Tls::Required;
  options.ca_file = backend.ca_file;
  options.xforward = backend.xforward;
  options.connect = backend.timeouts.connect;
  options.greeting = backend.timeouts.greeting;
  options.command = backend.timeouts.command;
  options.data_block = backend.timeouts.data_block;
  options.data_done = backend.timeouts.data_done;
  options.idle_connections = backend.pool;
  options.idle_time = backend.pool_idle;
  return options;
}

Result<std::shared_ptr<Generation>> make_generation(config::Loaded loaded, const Generation* before, Shared& shared,
                                                    recipients::Prober& prober) {
  return Maker(std::move(loaded), before, shared, prober).make();
}

}  // namespace anechoic::app
