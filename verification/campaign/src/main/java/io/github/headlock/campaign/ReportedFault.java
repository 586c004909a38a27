package io.github.headlock.campaign;

/**
 * A kind of fault, as reports name it.
 */
interface ReportedFault {

	/** What is done, in words. */
	String text();

}
