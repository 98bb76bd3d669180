// SPDX-License-Identifier: Apache-2.0
#include "wallet/command/command.hpp"

int main(int argc, char** argv) { return bourse::wallet::run(argc, argv); }
