package io.github.headlock.autoconfigure;

import java.util.Locale;
import java.util.regex.Pattern;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.Environment;

/**
 * Refuses durations without a unit, which Spring Boot reads as milliseconds, before
 * anything is migrated, unless Headlock is turned off. Zero needs no unit.
 */
final class DurationCheck implements BeanFactoryPostProcessor, PriorityOrdered {

	private static final Pattern WITHOUT_UNIT = Pattern.compile("\\s*[+-]?\\d+\\s*");

	private static final Pattern ZERO = Pattern.compile("\\s*[+-]?0+\\s*");

	private final Environment environment;

	DurationCheck(Environment environment) {
		this.environment = environment;
	}

	/** After the check of names. */
	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE + 1;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
		Binder binder = Binder.get(this.environment);
		if (!binder.bind("headlock.enabled", Boolean.class).orElse(true)) {
			return;
		}
		PropertyNames.DURATIONS
			.forEach((name) -> binder.bind(name, String.class).ifBound((value) -> check(name, value)));
	}

	private static void check(String name, String value) {
		if (WITHOUT_UNIT.matcher(value).matches() && !ZERO.matcher(value).matches()) {
			String number = value.strip();
			throw new InvalidConfigurationPropertyValueException(name, value, String.format(Locale.ROOT,
					"It has no unit. Set %ss for seconds or %sms for milliseconds.", number, number));
		}
	}

}
