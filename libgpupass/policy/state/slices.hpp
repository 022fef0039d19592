// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/policy.hpp"
#include "policy/plan/slice_exact.hpp"
#include "policy/slice/typed.hpp"
#include "policy/state/declared.hpp"

/// What GPUs are declared to be cut into, beside what they are.
namespace gpupass {

/// One GPU of which slices are declared.
class DeclaredCut {
 public:
  /// `host` as it is at that moment of a plan; both must outlive the value.
  DeclaredCut(const Host& host, const DeclaredGpu& declared, PciAddress gpu);

  PciAddress gpu() const { return gpu_.address; }
  /// What is declared, with the ids of types that this card's driver has names for.
  const DeclaredSlices& slices() const { return slices_; }

  /// The same with the slices that each type has on this host: a boot is to make those that guests know.
  DeclaredSlices named(const Host& now) const;

  /// What no plan could make of this card.
  std::vector<Finding> impossible() const;
  /// What is otherwise now.
  std::vector<Finding> differences() const;
  /// A finding of what boots make of it.
  Finding finding_of_boot(Verdict verdict, const std::string& message) const;

  /// What all else needs: as many virtual functions as are declared, and then MIG.
  Plan groundwork(Surplus surplus) const;
  /// What needs that: slices of types, and the drivers of virtual functions.
  Plan rest(const BindOptions& options, Surplus surplus) const;

 private:
  bool waits_for_functions() const;
  /// Also where that is not known.
  bool differs_in_mig() const;
  /// Whether what types there are is not to be seen before the groundwork is done.
  bool waits() const;
  Plan functions() const;
  const std::vector<DeclaredType>& types() const;
  Finding finding(Verdict verdict, const std::string& where, const std::string& message,
                  const std::string& remedy) const;
  bool knows_all_names() const;
  Plan make_way_for_names(Surplus surplus) const;
  void compare_mig(std::vector<Finding>& findings) const;
  void compare_functions(std::vector<Finding>& findings) const;
  void compare_types(std::vector<Finding>& findings) const;
  void compare_use(std::vector<Finding>& findings) const;
  /// The virtual functions that are not used as declared.
  std::vector<PciAddress> used_otherwise() const;

  const Host& host_;
  const DeclaredGpu& declared_;
  const PciFunction& gpu_;
  DeclaredSlices slices_;
  std::vector<Fact<KnownType>> known_;  ///< What this card has of each declared type's name.
  std::vector<std::string> places_;     ///< Where each is declared.
  std::string mig_place_;
  Fact<std::string> mig_difference_ = std::string();  ///< Empty also where none is declared.
};

}  // namespace gpupass
