package io.github.headlock.jdbc;

import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.jdbc.datasource.ConnectionProxy;
import org.springframework.util.ClassUtils;

/**
 * Creates objects that stand between Flyway and an object of the driver. One can be cast
 * to every interface of the object, the driver's own included, but not to the driver's
 * classes.
 */
public final class JdbcProxy {

	private static final ClassLoader LOADER = JdbcProxy.class.getClassLoader();

	/** Those of a proxy are known to a native image without what all proxies have. */
	private static final ClassValue<Class<?>[]> INTERFACES = new ClassValue<>() {

		@Override
		protected Class<?>[] computeValue(Class<?> target) {
			return Stream.of(ClassUtils.getAllInterfacesForClass(target, LOADER))
				.filter((type) -> Modifier.isPublic(type.getModifiers()) && type != Serializable.class)
				.toArray(Class<?>[]::new);
		}

	};

	private JdbcProxy() {
	}

	/**
	 * Creates a proxy.
	 * @param <T> the type of JDBC
	 * @param target the driver's object
	 * @param type the type of JDBC
	 * @param call handles all calls but those of {@code equals} and {@code hashCode}
	 * @return the proxy
	 */
	public static <T> T of(T target, Class<T> type, Call<T> call) {
		InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
			case "equals" -> proxy == arguments[0];
			case "hashCode" -> System.identityHashCode(proxy);
			default -> call.handle(target, method, arguments);
		};
		try {
			return type.cast(Proxy.newProxyInstance(LOADER, INTERFACES.get(target.getClass()), handler));
		}
		catch (IllegalArgumentException ex) {
			// interfaces that no proxy can have, sealed ones for example
			return type.cast(Proxy.newProxyInstance(LOADER, new Class<?>[] { type }, handler));
		}
	}

	/**
	 * Calls a method of the driver's object.
	 * @param target the object
	 * @param method the method
	 * @param arguments its arguments
	 * @return its result
	 * @throws Throwable as the method does
	 */
	public static @Nullable Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
		try {
			return method.invoke(target, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	/**
	 * Handles a call.
	 *
	 * @param <T> the type of JDBC
	 */
	public interface Call<T> {

		/**
		 * Handles a call.
		 * @param target the driver's object
		 * @param method the method that is called
		 * @param arguments its arguments
		 * @return its result
		 * @throws Throwable as the method does
		 */
		@Nullable Object handle(T target, Method method, Object[] arguments) throws Throwable;

	}

	/**
	 * The proxies that a native image needs: of the driver's objects, of Spring's single
	 * connection, and of a pool's objects that have no interfaces of their own.
	 */
	public static final class Hints implements RuntimeHintsRegistrar {

		Hints() {
		}

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			Stream.of("PgConnection", "PgStatement", "PgPreparedStatement", "PgCallableStatement")
				.map((name) -> ClassUtils.resolveClassName("org.postgresql.jdbc." + name, LOADER))
				.forEach((type) -> hints.proxies().registerJdkProxy(INTERFACES.get(type)));
			hints.proxies()
				.registerJdkProxy(ConnectionProxy.class)
				.registerJdkProxy(Connection.class)
				.registerJdkProxy(Statement.class);
		}

	}

}
