// SPDX-License-Identifier: Apache-2.0
#include "market/result.hpp"

#include <algorithm>

#include "base/codec.hpp"
#include "base/crypto.hpp"

namespace bourse::market {

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.size() > 255 || !is_utf8(path)) return false;
  const auto is_control = [](char c) { return (c >= 0 && c < 32) || c == 127; };
  if (std::any_of(path.begin(), path.end(), is_control)) return false;
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

Result<ResultBundle> decode_bundle(ByteView blob) {
  auto bundle = decode<ResultBundle>(blob);
  if (!bundle) return Error{"result_malformed", "the blob is not a result bundle"};
  const auto& files = bundle->files;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!is_safe_path(files[i].path) || (i > 0 && files[i - 1].path >= files[i].path)) {
      return Error{"result_malformed", "the bundle has an unsafe or unsorted path"};
    }
  }
  return std::move(*bundle);
}

Hash result_digest(const ResultBundle& bundle) {
  CborWriter out;
  out.array(3);
  write(out, bundle.ended);
  write(out, bundle.exit_code);
  out.array(bundle.files.size());
  for (const ResultFile& file : bundle.files) {
    out.array(4);
    write(out, file.path);
    write(out, file.executable);
    write(out, std::uint64_t{file.content.size()});
    write(out, sha256(file.content));
  }
  return tagged_hash("bourse/result", out.take());
}

Hash commitment(const AssignmentId& assignment, const ProviderId& provider, const Hash& digest,
                const Hash& salt) {
  CborWriter out;
  out.array(4);
  write(out, assignment);
  write(out, provider);
  write(out, digest);
  write(out, salt);
  return tagged_hash("bourse/commit", out.take());
}

}  // namespace bourse::market
