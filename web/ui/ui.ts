/** The look of everything, in the order in which it is laid on. */
import './tokens.css'
import './base.css'
import './button.css'
import './menu.css'
import './dialog.css'
import './virtual-list.css'
import './avatar.css'
