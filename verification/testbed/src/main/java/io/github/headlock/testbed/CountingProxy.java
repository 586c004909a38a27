package io.github.headlock.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * A network between an application and its database server: it counts connections and
 * round trips, and makes each round trip take time. Listens on a free port of the
 * loopback interface.
 */
public final class CountingProxy implements AutoCloseable {

	private final String host;

	private final int port;

	private final Duration delay;

	private final ServerSocket listener;

	private final List<Socket> sockets = new ArrayList<>();

	/** Moments, in microseconds since the epoch. */
	private final List<Long> connections = new ArrayList<>();

	private final List<Long> turns = new ArrayList<>();

	private CountingProxy(String host, int port, Duration delay) throws IOException {
		this.host = host;
		this.port = port;
		this.delay = delay;
		this.listener = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
	}

	/**
	 * Starts one.
	 * @param host name or address of the server
	 * @param port its port
	 * @param delay what a round trip takes in addition, half of it each way
	 * @return the proxy, which accepts connections
	 */
	public static CountingProxy start(String host, int port, Duration delay) {
		try {
			CountingProxy proxy = new CountingProxy(host, port, delay);
			daemon(proxy::accept);
			return proxy;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Starts one before a server.
	 * @param server the server
	 * @param delay what a round trip takes in addition, half of it each way
	 * @return the proxy, which accepts connections
	 */
	public static CountingProxy start(PostgresServer server, Duration delay) {
		return start(server.host(), server.port(), delay);
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				connect(this.listener.accept());
			}
			catch (IOException ex) {
				// this one is lost, or the proxy is closed
			}
		}
	}

	private void connect(Socket client) throws IOException {
		note(this.connections);
		Socket server;
		try {
			server = new Socket(this.host, this.port);
		}
		catch (IOException ex) {
			client.close();
			throw ex;
		}
		client.setTcpNoDelay(true);
		server.setTcpNoDelay(true);
		synchronized (this) {
			this.sockets.add(client);
			this.sockets.add(server);
		}
		Turn turn = new Turn();
		daemon(new ProxyLine(client, server, this.delay.dividedBy(2), turn::asked));
		daemon(new ProxyLine(server, client, this.delay.dividedBy(2), turn::answered));
	}

	private synchronized void note(List<Long> moments) {
		moments.add(microsNow());
	}

	/**
	 * Returns the port.
	 * @return the port on the loopback interface
	 */
	public int port() {
		return this.listener.getLocalPort();
	}

	/**
	 * Returns the JDBC URL of a database, through this proxy.
	 * @param database name of the database
	 * @return the URL, without parameters
	 */
	public String url(String database) {
		return PostgresServer.url("127.0.0.1", port(), database);
	}

	/**
	 * Counts all until now.
	 * @return the counts
	 */
	public Counts counts() {
		return counts(0, Long.MAX_VALUE);
	}

	/**
	 * Counts what was in a period: connections that began in it, round trips whose answer
	 * came in it.
	 * @param from its begin, in microseconds since the epoch
	 * @param to its end, which is not part of it
	 * @return the counts
	 */
	public synchronized Counts counts(long from, long to) {
		return new Counts(count(this.connections, from, to), count(this.turns, from, to));
	}

	private static int count(List<Long> moments, long from, long to) {
		return (int) moments.stream().filter((moment) -> moment >= from && moment < to).count();
	}

	/**
	 * Returns the time as periods are measured.
	 * @return microseconds since the epoch
	 */
	public static long microsNow() {
		return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
	}

	private static void daemon(Runnable work) {
		Thread thread = new Thread(work, "counting-proxy");
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() {
		try {
			this.listener.close();
			synchronized (this) {
				for (Socket socket : this.sockets) {
					socket.close();
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * What was counted.
	 *
	 * @param connections connections opened
	 * @param turns round trips: the client sends something, however much, and the server
	 * answers
	 */
	public record Counts(int connections, int turns) {
	}

	/** Who of the two spoke last, of one connection. */
	private final class Turn {

		private boolean asked;

		synchronized void asked() {
			this.asked = true;
		}

		synchronized void answered() {
			if (this.asked) {
				note(CountingProxy.this.turns);
				this.asked = false;
			}
		}

	}

}
