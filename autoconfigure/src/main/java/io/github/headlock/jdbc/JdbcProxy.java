package io.github.headlock.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * Creates objects that stand between Flyway and an object of the driver. One can be cast
 * to every interface of the object, the driver's own included, but not to the driver's
 * classes.
 */
public final class JdbcProxy {

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
		ClassLoader loader = JdbcProxy.class.getClassLoader();
		Class<?>[] interfaces = Stream.of(ClassUtils.getAllInterfacesForClass(target.getClass(), loader))
			.filter((each) -> Modifier.isPublic(each.getModifiers()))
			.toArray(Class<?>[]::new);
		return type
			.cast(Proxy.newProxyInstance(loader, interfaces, (proxy, method, arguments) -> switch (method.getName()) {
				case "equals" -> proxy == arguments[0];
				case "hashCode" -> System.identityHashCode(proxy);
				default -> call.handle(target, method, arguments);
			}));
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

}
