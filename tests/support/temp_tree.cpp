// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/temp_tree.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace gpupass {

namespace fs = std::filesystem;

TempTree::TempTree() {
  root_ = (fs::temp_directory_path() / "gpupass-test-XXXXXX").string();
  if (!mkdtemp(root_.data())) throw std::runtime_error("cannot make " + root_);
}

TempTree::~TempTree() {
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

std::string TempTree::path(std::string_view path) const {
  return root_ + std::string(path);
}

std::string TempTree::file(std::string_view path, std::string_view content) const {
  const std::string place = this->path(path);
  fs::create_directories(fs::path(place).parent_path());
  std::ofstream stream(place, std::ios::binary);
  if (!(stream << content).flush()) throw std::runtime_error("cannot write " + place);
  return place;
}

std::string TempTree::folder(std::string_view path) const {
  fs::create_directories(this->path(path));
  return this->path(path);
}

std::string TempTree::link(std::string_view path, const std::string& target) const {
  const std::string place = this->path(path);
  fs::create_directories(fs::path(place).parent_path());
  fs::create_symlink(target, place);
  return place;
}

std::string TempTree::fifo(std::string_view path) const {
  const std::string place = this->path(path);
  fs::create_directories(fs::path(place).parent_path());
  if (mkfifo(place.c_str(), 0644) != 0) throw std::runtime_error("cannot make " + place);
  return place;
}

void TempTree::remove(std::string_view path) const {
  fs::remove_all(this->path(path));
}

std::string TempTree::content(std::string_view path) const {
  std::ifstream stream(this->path(path), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace gpupass
