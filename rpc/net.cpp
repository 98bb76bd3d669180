// SPDX-License-Identifier: Apache-2.0
//
// The compiled part of Asio and Beast, alone in this file because it takes long and never changes.
#include "rpc/net.hpp"

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
