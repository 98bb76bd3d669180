// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzz target without a fuzzer: over its seeds, over the files of its corpus (inputs that
// once broke something), and over mutations of both. The same every time.
//
//   fuzz_tx CORPUS_DIRECTORY [MUTATIONS]     run; 2,000 mutations unless said otherwise
//   fuzz_tx --write-seeds DIRECTORY          write the seeds as files, for libFuzzer to start from
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "tests/fuzz/target.hpp"

namespace bourse::fuzz {
namespace {

std::vector<Bytes> files_in(const std::string& directory) {
  std::vector<std::filesystem::path> paths;
  if (std::filesystem::is_directory(directory)) {
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Bytes> out;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    out.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return out;
}

class Mutator {
 public:
  explicit Mutator(const std::vector<Bytes>& inputs) : inputs_(inputs) {}

  Bytes next() {
    Bytes data = pick();
    for (std::size_t i = 1 + below(4); i > 0; --i) mutate(data);
    return data;
  }

 private:
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  std::uint8_t byte() {
    static constexpr std::uint8_t edges[] = {0x00, 0x01, 0x17, 0x18, 0x1b, 0x40, 0x5b, 0x7f,
                                             0x80, 0x9b, 0xf6, 0xff, '"',  '{',  '[',  '0'};
    return below(2) == 0 ? edges[below(std::size(edges))] : static_cast<std::uint8_t>(random_());
  }
  const Bytes& pick() { return inputs_[below(inputs_.size())]; }
  std::ptrdiff_t place(const Bytes& data) {
    return static_cast<std::ptrdiff_t>(below(data.size() + 1));
  }

  void mutate(Bytes& data) {
    switch (below(7)) {
      case 0:
        if (!data.empty()) data[below(data.size())] ^= static_cast<std::uint8_t>(1 << below(8));
        break;
      case 1:
        if (!data.empty()) data[below(data.size())] = byte();
        break;
      case 2:
        data.insert(data.begin() + place(data), byte());
        break;
      case 3:
        data.resize(below(data.size() + 1));
        break;
      case 4: {  // Cut a piece out.
        const auto [from, to] = std::minmax({place(data), place(data)});
        data.erase(data.begin() + from, data.begin() + to);
        break;
      }
      case 5: {  // Say a piece twice.
        const auto [from, to] = std::minmax({place(data), place(data)});
        const Bytes piece(data.begin() + from, data.begin() + std::min(to, from + 64));
        data.insert(data.begin() + place(data), piece.begin(), piece.end());
        break;
      }
      default: {  // Go on as another input does.
        const Bytes& other = pick();
        data.resize(below(data.size() + 1));
        data.insert(data.end(), other.begin() + place(other), other.end());
      }
    }
  }

  const std::vector<Bytes>& inputs_;
  std::mt19937_64 random_{1};
};

int run(const std::string& corpus, unsigned long mutations) {
  std::vector<Bytes> inputs = seeds();
  for (Bytes& file : files_in(corpus)) inputs.push_back(std::move(file));
  for (const Bytes& input : inputs) one(input);
  Mutator mutator(inputs);
  for (unsigned long i = 0; i < mutations; ++i) one(mutator.next());
  std::printf("%zu inputs and %lu mutations\n", inputs.size(), mutations);
  return 0;
}

int write_seeds(const std::string& directory) {
  std::filesystem::create_directories(directory);
  int number = 0;
  for (const Bytes& seed : seeds()) {
    std::ofstream file(directory + "/seed" + std::to_string(number++), std::ios::binary);
    file.write(reinterpret_cast<const char*>(seed.data()),
               static_cast<std::streamsize>(seed.size()));
  }
  return 0;
}

}  // namespace
}  // namespace bourse::fuzz

int main(int count, char** arguments) {
  const std::string first = count > 1 ? arguments[1] : "";
  if (first == "--write-seeds" && count > 2) return bourse::fuzz::write_seeds(arguments[2]);
  return bourse::fuzz::run(first, count > 2 ? std::stoul(arguments[2]) : 2000);
}
