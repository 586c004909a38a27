package io.github.headlock.jdbc;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;

import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Proxies of the driver's objects.
 */
class JdbcProxyTests {

	@Test
	void aNativeImageKnowsThoseOfTheDriversObjects() throws Exception {
		RuntimeHints hints = new RuntimeHints();
		new JdbcProxy.Hints().registerHints(hints, null);
		try (Connection connection = TestDatabase.create().connect();
				Connection lent = ReadConnection.lent(connection)) {
			List<Object> proxies = List.of(JdbcProxy.of(connection, Connection.class, JdbcProxy::invoke), lent,
					statement(connection.createStatement()), statement(connection.prepareStatement("SELECT 1")),
					statement(connection.prepareCall("SELECT 1")));
			assertThat(proxies).allSatisfy((proxy) -> {
				assertThat(Proxy.isProxyClass(proxy.getClass())).isTrue();
				assertThat(RuntimeHintsPredicates.proxies().forInterfaces(proxy.getClass().getInterfaces()))
					.accepts(hints);
			});
		}
	}

	@Test
	void anObjectWithAnInterfaceThatNoProxyCanHaveIsOneOfItsType() {
		Odd odd = new Odd();
		JdbcProxy.of(odd, Runnable.class, JdbcProxy::invoke).run();
		assertThat(odd.ran).isTrue();
	}

	private static Statement statement(Statement statement) {
		return JdbcProxy.of(statement, Statement.class, JdbcProxy::invoke);
	}

	/** Permits one class. */
	public sealed interface Sealed permits Odd {

	}

	static final class Odd implements Sealed, Runnable {

		private boolean ran;

		@Override
		public void run() {
			this.ran = true;
		}

	}

}
