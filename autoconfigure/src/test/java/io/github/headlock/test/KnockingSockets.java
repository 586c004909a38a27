package io.github.headlock.test;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes the sockets of a JDBC URL, and remembers whether a connection was refused.
 */
public final class KnockingSockets extends UnconnectedSockets {

	private static final Set<String> REFUSED = ConcurrentHashMap.newKeySet();

	private final String name;

	/** As the driver calls it. */
	public KnockingSockets(String name) {
		this.name = name;
	}

	/** A URL whose connections are known by a name. */
	public static String url(String url, String name) {
		return "%s?socketFactory=%s&socketFactoryArg=%s".formatted(url, KnockingSockets.class.getName(), name);
	}

	/** Whether somebody of this name has come when nobody was there. */
	public static boolean wasRefused(String name) {
		return REFUSED.contains(name);
	}

	@Override
	public Socket createSocket() {
		return new Socket() {

			@Override
			public void connect(SocketAddress endpoint, int timeout) throws IOException {
				try {
					super.connect(endpoint, timeout);
				}
				catch (IOException ex) {
					REFUSED.add(KnockingSockets.this.name);
					throw ex;
				}
			}

		};
	}

}
