package io.github.headlock.test;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Makes the sockets of a JDBC URL, which cannot connect for as long as they are told to.
 */
public final class FailingSockets extends UnconnectedSockets {

	private static final Map<String, Supplier<IOException>> FAILURES = new ConcurrentHashMap<>();

	private static final Map<String, AtomicInteger> TRIES = new ConcurrentHashMap<>();

	private final String name;

	/** As the driver calls it. */
	public FailingSockets(String name) {
		this.name = name;
	}

	/** A URL whose connections are known by a name. */
	public static String url(String url, String name) {
		return "%s?socketFactory=%s&socketFactoryArg=%s".formatted(url, FailingSockets.class.getName(), name);
	}

	/** From now on, connections of this name fail like this. */
	public static void fail(String name, Supplier<IOException> failure) {
		FAILURES.put(name, failure);
	}

	/** From now on, connections of this name can be made again. */
	public static void heal(String name) {
		FAILURES.remove(name);
	}

	/** How many connections of this name were asked for. */
	public static int tries(String name) {
		return TRIES.getOrDefault(name, new AtomicInteger()).get();
	}

	@Override
	public Socket createSocket() {
		return new Socket() {

			@Override
			public void connect(SocketAddress endpoint, int timeout) throws IOException {
				TRIES.computeIfAbsent(FailingSockets.this.name, (key) -> new AtomicInteger()).incrementAndGet();
				Supplier<IOException> failure = FAILURES.get(FailingSockets.this.name);
				if (failure != null) {
					throw failure.get();
				}
				super.connect(endpoint, timeout);
			}

		};
	}

}
