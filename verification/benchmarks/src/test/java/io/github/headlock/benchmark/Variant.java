package io.github.headlock.benchmark;

import java.util.List;

/**
 * What migrates in the application that is started.
 */
enum Variant {

	/** Nothing, in an application that has no Headlock. */
	OFF("no Flyway", false, "--spring.flyway.enabled=false"),

	/** Spring Boot and Flyway on their own, in an application that has no Headlock. */
	PLAIN("plain Flyway", false),

	/** Headlock, with its defaults. */
	HEADLOCK("Headlock", true);

	private final String title;

	private final boolean headlock;

	private final List<String> arguments;

	Variant(String title, boolean headlock, String... arguments) {
		this.title = title;
		this.headlock = headlock;
		this.arguments = List.of(arguments);
	}

	String title() {
		return this.title;
	}

	/** Whether the application has Headlock's jar. */
	boolean hasHeadlock() {
		return this.headlock;
	}

	List<String> arguments() {
		return this.arguments;
	}

}
