/** What an audit found, as plain values: verdicts, their causes and their numbers. */
package dev.sightline.audit.result;
