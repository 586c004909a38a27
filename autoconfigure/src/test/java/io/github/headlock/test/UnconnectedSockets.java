package io.github.headlock.test;

import java.net.InetAddress;
import java.net.Socket;

import javax.net.SocketFactory;

/**
 * Makes sockets as the driver asks for them, which connects them itself.
 */
abstract class UnconnectedSockets extends SocketFactory {

	@Override
	public abstract Socket createSocket();

	@Override
	public final Socket createSocket(String host, int port) {
		throw new UnsupportedOperationException();
	}

	@Override
	public final Socket createSocket(String host, int port, InetAddress local, int localPort) {
		throw new UnsupportedOperationException();
	}

	@Override
	public final Socket createSocket(InetAddress host, int port) {
		throw new UnsupportedOperationException();
	}

	@Override
	public final Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
		throw new UnsupportedOperationException();
	}

}
