package io.github.headlock.check;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;

import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * Says that it is PostgreSQL, which Spring Boot asks for {@code {vendor}} in the
 * locations of migrations, and nothing else.
 */
final class NoDatabase extends AbstractDataSource {

	@Override
	public Connection getConnection() {
		return proxy(Connection.class, "getMetaData",
				proxy(DatabaseMetaData.class, "getURL", "jdbc:postgresql://none"));
	}

	@Override
	public Connection getConnection(String username, String password) {
		return getConnection();
	}

	private static <T> T proxy(Class<T> type, String known, Object answer) {
		return type
			.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, (proxy, method, arguments) -> {
				if (method.getName().equals(known)) {
					return answer;
				}
				if (method.getName().equals("close")) {
					return null;
				}
				throw new SQLException("There is no database here, only migrations");
			}));
	}

}
